import{J as t,w as o}from"./chunk-H2NEMAB4.js";function a({site:r}){return t("h2",{"data-site":r,children:o("tab_import")})}export{a as ImportPage};
