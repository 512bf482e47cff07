import{I as t,v as o}from"./chunk-ZOD5E7UX.js";function a({site:r}){return t("h2",{"data-site":r,children:o("tab_import")})}export{a as ImportPage};
