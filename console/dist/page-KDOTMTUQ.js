import{H as t,u as o}from"./chunk-ZI6NTPE5.js";function e({site:r}){return t("h2",{"data-site":r,children:o("tab_golden")})}export{e as GoldenPage};
